#!/usr/bin/python3
"""flask_site.py -- a site with Flask and werkzeug's hashes, as many are

  flask_site.py migrate
  flask_site.py create LOGIN ADDRESS     the password on standard input; prints the account's id
  flask_site.py serve PORT

What the session holds of an account is SITE_SESSION: its column `id`, or `fs_uniquifier`, a random text.
The database is named by SITE_DATABASE, SITE_DATABASE_USER, SITE_DATABASE_PASSWORD, SITE_DATABASE_SOCKET.
"""

import os
import secrets
import sys
import wsgiref.simple_server

import flask
import MySQLdb
from werkzeug.security import check_password_hash, generate_password_hash

TABLE = """
CREATE TABLE user (
  id INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY,
  username VARCHAR(64), email VARCHAR(120), password_hash VARCHAR(128), about_me VARCHAR(140),
  last_seen DATETIME, fs_uniquifier VARCHAR(64) NOT NULL,
  UNIQUE INDEX ix_user_username (username), UNIQUE INDEX ix_user_email (email),
  UNIQUE INDEX ix_user_uniquifier (fs_uniquifier))
"""
FORM = """<!doctype html><title>Sign in</title><p id="wrong">{{ wrong }}</p>
<form method="post"><input name="username"><input type="password" name="password">
<button type="submit">Sign in</button></form>"""

site = flask.Flask(__name__)
site.secret_key = "the key of a test"
session_column = os.environ.get("SITE_SESSION", "id")


def query(sql, *values):
    """The rows, as dicts; what was changed is committed."""
    database = MySQLdb.connect(
        unix_socket=os.environ["SITE_DATABASE_SOCKET"], user=os.environ["SITE_DATABASE_USER"],
        passwd=os.environ["SITE_DATABASE_PASSWORD"], db=os.environ["SITE_DATABASE"], charset="utf8mb4")
    cursor = database.cursor(MySQLdb.cursors.DictCursor)
    cursor.execute(sql, values)
    rows = cursor.fetchall()
    database.commit()
    database.close()
    return rows


@site.route("/login", methods=["GET", "POST"])
def login():
    if flask.request.method == "GET":
        return flask.render_template_string(FORM)
    rows = query("SELECT * FROM user WHERE username = %s", flask.request.form["username"])
    if not rows or not check_password_hash(rows[0]["password_hash"], flask.request.form["password"]):
        return flask.render_template_string(FORM, wrong="That is not right")
    flask.session["account"] = rows[0][session_column]
    return flask.redirect("/")


@site.route("/")
def home():
    rows = query(f"SELECT username FROM user WHERE {session_column} = %s", flask.session.get("account", ""))
    return flask.render_template_string("<p>{{ who }}</p>", who=rows[0]["username"] if rows else "Nobody")


def create(name, address):
    query("INSERT INTO user (username, email, password_hash, fs_uniquifier) VALUES (%s, %s, %s, %s)",
          name, address, generate_password_hash(sys.stdin.read()), secrets.token_hex(32))
    print(query("SELECT id FROM user WHERE username = %s", name)[0]["id"])


def serve(port):
    with wsgiref.simple_server.make_server("127.0.0.1", int(port), site) as server:
        server.serve_forever()


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    {"migrate": lambda: query(TABLE), "create": create, "serve": serve}[command](*rest)
