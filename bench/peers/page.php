<?php
// page.php -- the page to ask for a link, as a careful author writes it in PHP without a framework
//
// GET: a form whose token is an HMAC of a random cookie (no session file, which would cost more).
// POST: token and address are checked, a row is inserted over a persistent connection, 303. The HTML
// is Latchkey's own, with this program's token in it; settings.php is made by the bench.
declare(strict_types=1);

$settings = require $_SERVER['BENCH_SETTINGS'];

header('Cache-Control: no-store');
header("Content-Security-Policy: default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    . "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
header('X-Content-Type-Options: nosniff');
header('Referrer-Policy: same-origin');
header('Cross-Origin-Opener-Policy: same-origin');
header('Cross-Origin-Resource-Policy: same-origin');
header_remove('X-Powered-By');

function stamp(string $value): string
{
    return $value . '.' . hash_hmac('sha256', "stamp:$value", $GLOBALS['settings']['key']);
}

function token(string $value): string
{
    return hash_hmac('sha256', "token:$value", $GLOBALS['settings']['key']);
}

[$value, $mac] = explode('.', $_COOKIE['form'] ?? '.') + ['', ''];
$known = $value !== '' && hash_equals(stamp($value), "$value.$mac");

if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    if (!$known) {
        $value = bin2hex(random_bytes(16));
        setcookie('form', stamp($value), ['path' => '/', 'httponly' => true, 'samesite' => 'Lax']);
    }
    $token = token($value);
    require $settings['page'];
    return;
}

$address = trim($_POST['email'] ?? '');
if (!$known || !hash_equals(token($value), $_POST['csrf_token'] ?? '')
    || filter_var($address, FILTER_VALIDATE_EMAIL) === false) {
    http_response_code(403);
    return;
}
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$database = new mysqli('p:localhost', $settings['user'], $settings['password'], null, null,
    $settings['socket']);
$statement = $database->prepare("INSERT INTO {$settings['schema']}.outbox (note_id, kind, address, account_id,"
    . " peer, muted, languages, state, tries, dropped_at, due_at, reason) VALUES (?, 'link', ?, '', ?, 0, '',"
    . " 'waiting', 0, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), '')");
$statement->execute([random_bytes(16), $address, $_SERVER['REMOTE_ADDR']]);
setcookie('flash', stamp('check-mail'), ['path' => '/', 'httponly' => true, 'samesite' => 'Lax',
    'expires' => time() + 300]);
header('Location: /login', true, 303);
