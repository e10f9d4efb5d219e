<?php
// legacy_hashes.php SCHEME STORED -- does the password on stdin have this hash? "yes" or "no"
//
// The applications' formats from their descriptions, in another language than the one under test.

function phpass_base64(string $bytes): string {
    $alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    $text = '';
    foreach (str_split($bytes, 3) as $group) {
        $value = 0;
        foreach (str_split($group) as $i => $byte) $value |= ord($byte) << 8 * $i;
        for ($i = 0; $i <= strlen($group); $i++) $text .= $alphabet[$value >> 6 * $i & 63];
    }
    return $text;
}

function phpass(string $hash, string $password, string $stored): string {
    $alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    $digest = hash($hash, substr($stored, 4, 8) . $password, true);
    for ($rounds = 1 << strpos($alphabet, $stored[3]); $rounds > 0; $rounds--) {
        $digest = hash($hash, $digest . $password, true);
    }
    return substr(substr($stored, 0, 12) . phpass_base64($digest), 0, strlen($stored));
}

function mediawiki(string $password, string $stored): string {
    [, , $hash, $rounds, $length, $salt] = explode(':', $stored);
    $digest = hash_pbkdf2($hash, $password, base64_decode($salt), (int)$rounds, (int)$length, true);
    return ":pbkdf2:$hash:$rounds:$length:$salt:" . base64_encode($digest);
}

function salted(string $scheme, string $password, string $salt): string {
    $digest = match ($scheme) {
        'joomla-md5' => md5($password . $salt),
        'oscommerce-md5' => md5($salt . $password),
        'vbulletin' => md5(md5($password) . $salt),
        'mybb' => md5(md5($salt) . md5($password)),
        'punbb' => sha1($salt . sha1($password)),
        'opencart' => sha1($salt . sha1($salt . sha1($password))),
    };
    return "$digest:$salt";
}

function verifies(string $scheme, string $password, string $stored): bool {
    $wordpress = base64_encode(hash_hmac('sha384', $password, 'wp-sha384', true));
    return match ($scheme) {
        'phpass', 'phpbb-phpass' => phpass('md5', $password, $stored) === $stored,
        'drupal' => phpass('sha512', $password, $stored) === $stored,
        'wordpress-bcrypt' => password_verify($wordpress, substr($stored, 3)),
        'mediawiki-pbkdf2' => mediawiki($password, $stored) === $stored,
        'mediawiki-argon2' => password_verify($password, substr($stored, strlen(':argon2:'))),
        'django-argon2' => password_verify($password, substr($stored, strlen('argon2'))),
        'django-bcrypt-sha256' => password_verify(hash('sha256', $password),
                                                  substr($stored, strlen('bcrypt_sha256$'))),
        'smf-sha1' => sha1($password) === $stored,
        'joomla-md5', 'oscommerce-md5', 'vbulletin', 'mybb', 'punbb', 'opencart' =>
            salted($scheme, $password, explode(':', $stored, 2)[1]) === $stored,
        // crypt(3), which PHP has of its own, and Dovecot's, which says so in braces.
        default => password_verify($password, preg_replace('/^\{[A-Z0-9-]+\}/', '', $stored)),
    };
}

echo verifies($argv[1], stream_get_contents(STDIN), $argv[2]) ? 'yes' : 'no';
