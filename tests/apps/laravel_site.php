<?php
/* laravel_site.php -- signs in with PHP's password_verify against Laravel's tables
 *
 * The users and sessions of Laravel's first migrations, with sessions as its driver "database" keeps them:
 * a row for each, which names the account. The database is named by site.ini beside this file. */

$given = parse_ini_file(__DIR__ . '/site.ini', false, INI_SCANNER_RAW);
$database = new PDO("mysql:unix_socket={$given['socket']};dbname={$given['schema']};charset=utf8mb4",
                    $given['user'], $given['password'], [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);

function row(string $sql, array $values)
{
    global $database;
    $statement = $database->prepare($sql);
    $statement->execute($values);
    return $statement->columnCount() ? $statement->fetch(PDO::FETCH_ASSOC) : null;
}

$wrong = '';
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $user = row('SELECT * FROM users WHERE email = ?', [$_POST['email']]);
    if ($user && password_verify($_POST['password'], $user['password'])) {
        $id = bin2hex(random_bytes(20));
        row('INSERT INTO sessions (id, user_id, payload, last_activity) VALUES (?, ?, ?, ?)',
            [$id, $user['id'], base64_encode('a:0:{}'), time()]);
        setcookie('laravel_session', $id, ['httponly' => true, 'path' => '/']);
        header('Location: /', true, 302);
        exit;
    }
    $wrong = 'These credentials do not match our records.';
}
$here = row('SELECT email FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.id = ?',
            [$_COOKIE['laravel_session'] ?? '']);
?>
<!doctype html><title>Sign in</title>
<p><?= htmlspecialchars($here ? $here['email'] : 'Nobody') ?></p><p><?= $wrong ?></p>
<form method="post"><input name="email"><input type="password" name="password"><button>Sign in</button></form>
