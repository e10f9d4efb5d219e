#!/usr/bin/python3
"""django_site.py -- a site of Django's own parts: its accounts, its sessions, its administration

  django_site.py migrate
  django_site.py create LOGIN ADDRESS     the password on standard input; prints the account's id
  django_site.py serve PORT

The database is named by SITE_DATABASE, SITE_DATABASE_USER, SITE_DATABASE_PASSWORD, SITE_DATABASE_SOCKET.
"""

import os
import sys
import wsgiref.simple_server

import django
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import path


def configure():
    settings.configure(
        DEBUG=False, SECRET_KEY="the key of a test", ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF="__main__",
        USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.AutoField", STATIC_URL="/static/",
        INSTALLED_APPS=["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
                        "django.contrib.sessions", "django.contrib.messages"],
        MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware",
                    "django.middleware.common.CommonMiddleware",
                    "django.middleware.csrf.CsrfViewMiddleware",
                    "django.contrib.auth.middleware.AuthenticationMiddleware",
                    "django.contrib.messages.middleware.MessageMiddleware"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
                    "OPTIONS": {"context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages"]}}],
        DATABASES={"default": {
            "ENGINE": "django.db.backends.mysql", "NAME": os.environ["SITE_DATABASE"],
            "USER": os.environ["SITE_DATABASE_USER"], "PASSWORD": os.environ["SITE_DATABASE_PASSWORD"],
            "HOST": os.environ["SITE_DATABASE_SOCKET"], "OPTIONS": {"charset": "utf8mb4"}}})
    django.setup()


def create(login, address):
    from django.contrib.auth.models import User
    user = User.objects.create_user(login, address, sys.stdin.read(), is_staff=True)
    print(user.pk)


def serve(port):
    with wsgiref.simple_server.make_server("127.0.0.1", int(port), get_wsgi_application()) as server:
        server.serve_forever()


configure()
urlpatterns = [path("admin/", admin.site.urls)]
command, *rest = sys.argv[1:]
{"migrate": lambda: call_command("migrate", verbosity=0), "create": create, "serve": serve}[command](*rest)
