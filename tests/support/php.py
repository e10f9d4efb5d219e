"""A private PHP-FPM, and what a web server needs to hand it an application's pages."""

import os

from stack import places
from stack.processes import Child, wait_until

# Errors go to the log, not into pages; nothing is mailed by PHP itself.
CONFIGURATION = """\
[global]
error_log = {log}
daemonize = no
[site]
{user}
listen = {socket}
listen.mode = 0600
pm = static
pm.max_children = 4
catch_workers_output = yes
env[MW_CONFIG_FILE] = {mediawiki_settings}
php_admin_value[sendmail_path] = /bin/true
php_admin_value[session.save_path] = {temp}
php_admin_value[sys_temp_dir] = {temp}
php_admin_value[upload_tmp_dir] = {temp}
php_admin_value[error_log] = {log}
php_admin_flag[display_errors] = off
php_admin_flag[opcache.validate_timestamps] = on
"""

# %(root)s: the application's directory, which the web server shows at /.
NGINX = """\
        include /etc/nginx/mime.types;
        client_max_body_size 1m;
        index index.php;
        location / { root %(root)s; }
        location ~ \\.php(/|$) {
            fastcgi_split_path_info ^(.+?\\.php)(/.*)?$;
            fastcgi_pass unix:%(socket)s;
            fastcgi_read_timeout 60s;
            fastcgi_param SCRIPT_FILENAME %(root)s$fastcgi_script_name;
            fastcgi_param SCRIPT_NAME $fastcgi_script_name;
            fastcgi_param PATH_INFO $fastcgi_path_info;
            fastcgi_param DOCUMENT_ROOT %(root)s;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param REQUEST_URI $request_uri;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param SERVER_PROTOCOL $server_protocol;
            fastcgi_param SERVER_NAME 127.0.0.1;
            fastcgi_param SERVER_PORT $server_port;
            fastcgi_param REMOTE_ADDR $remote_addr;
            fastcgi_param REDIRECT_STATUS 200;
        }
"""


def fpm_program():
    """Debian names it with PHP's version."""
    for directory in ("/usr/sbin", "/usr/bin"):
        names = sorted(name for name in os.listdir(directory) if name.startswith("php-fpm"))
        if names:
            return os.path.join(directory, names[-1])
    return places.tool("php-fpm")


class PhpFpm:
    def __init__(self, directory, run_dir):
        """directory: with a log directory in it. run_dir: a short path (places.ShortPath)."""
        self.directory = str(directory)
        self.socket = os.path.join(run_dir, "php.sock")
        # Where MediaWiki finds its settings; nothing else looks.
        self.mediawiki_settings = os.path.join(self.directory, "LocalSettings.php")
        self._child = None

    def start(self):
        temp = os.path.join(self.directory, "php-temp")
        os.makedirs(temp, exist_ok=True)
        log = os.path.join(self.directory, "log/php.log")
        config = os.path.join(self.directory, "php-fpm.conf")
        with open(config, "w") as file:
            file.write(CONFIGURATION.format(
                log=log, temp=temp, socket=self.socket, mediawiki_settings=self.mediawiki_settings,
                user="user = root\ngroup = root" if os.geteuid() == 0 else ""))
        as_root = ["--allow-to-run-as-root"] if os.geteuid() == 0 else []
        self._child = Child([fpm_program(), "--nodaemonize", *as_root, "--fpm-config", config], log)
        wait_until("PHP", lambda: os.path.exists(self.socket), watched=self._child)

    def stop(self):
        if self._child is not None:
            self._child.stop()

    def nginx(self, root):
        """Lines for a host of nginx whose first page is that of the application in `root`."""
        return NGINX % {"root": root, "socket": self.socket}
