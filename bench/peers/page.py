"""The page to ask for a link as a Flask program has it: what Latchkey's design descends from.

Flask-WTF checks the form, Flask-Login knows who is signed in, Flask-Limiter is there and switched off,
SQLAlchemy inserts the row through PyMySQL. Runs under gunicorn; the HTML is Latchkey's own, with this
program's token in it.
"""

import json
import os
import secrets

import flask
import flask_limiter
import flask_limiter.util
import flask_login
import flask_wtf
import sqlalchemy
import wtforms

with open(os.environ["BENCH_SETTINGS"]) as file:
    settings = json.load(file)

app = flask.Flask(__name__, template_folder=settings["templates"])
app.config.update(SECRET_KEY=settings["key"], RATELIMIT_ENABLED=False)
flask_wtf.CSRFProtect(app)
users = flask_login.LoginManager(app)
limiter = flask_limiter.Limiter(flask_limiter.util.get_remote_address, app=app, storage_uri="memory://")
engine = sqlalchemy.create_engine(sqlalchemy.engine.URL.create(
    "mysql+pymysql", settings["user"], settings["password"], query={"unix_socket": settings["socket"]}))
INSERT = sqlalchemy.text(
    f"INSERT INTO {settings['schema']}.outbox (note_id, kind, address, account_id, peer, muted, languages, state, "
    "tries, dropped_at, due_at, reason) VALUES (:note_id, 'link', :address, '', :peer, 0, '', 'waiting', 0, "
    "UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), '')")


class AskForm(flask_wtf.FlaskForm):
    email = wtforms.StringField(validators=[wtforms.validators.DataRequired(), wtforms.validators.Length(max=320),
                                            wtforms.validators.Regexp(r"[^@\s]+@[^@\s]+\.[^@\s]+$")])


@users.user_loader
def load_user(_):
    return None


@app.after_request
def add_headers(response):
    response.headers.update({
        "Cache-Control": "no-store",
        "Content-Security-Policy":
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"})
    return response


@app.route("/reset_password_request", methods=["GET", "POST"])
@limiter.limit("5 per minute")
def ask():
    if flask_login.current_user.is_authenticated:
        return flask.redirect("/", 303)
    form = AskForm()
    if not form.validate_on_submit():
        return flask.render_template("page.html"), 422 if form.is_submitted() else 200
    with engine.begin() as connection:
        connection.execute(INSERT, {"note_id": secrets.token_bytes(16), "address": form.email.data.strip(),
                                    "peer": flask.request.headers["X-Real-IP"]})
    flask.flash("Check your mail.")
    return flask.redirect("/login", 303)
