{{%AUTOESCAPE context="HTML"}}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{>_error}}Your password · {{SITE_NAME}}</title>
{{>_head}}
<h1>Your password</h1>
{{>_notice}}
{{#HAS_LOGIN_URL}}
<p><a class="button second" href="{{LOGIN_URL}}">Go to sign in</a></p>
{{/HAS_LOGIN_URL}}
<p class="aside"><a href="{{BASE}}/reset_password_request">Ask for a new link</a></p>
{{>_foot}}
