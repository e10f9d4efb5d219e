{{%AUTOESCAPE context="HTML"}}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{>_error}}Your account · {{SITE_NAME}}</title>
{{>_head}}
{{>_notice}}
<h1>Your account</h1>
{{#SIGNED_IN}}
<p>You are signed in as <strong>{{ADDRESS}}</strong>.</p>
<form method="post" action="{{BASE}}/logout">
<input type="hidden" name="csrf_token" value="{{CSRF}}">
<button type="submit">Sign out</button>
</form>
{{/SIGNED_IN}}
{{#SIGNED_OUT}}
<p>You are not signed in.</p>
<p><a class="button" href="{{BASE}}/login">Sign in</a></p>
<p class="aside"><a href="{{BASE}}/reset_password_request">Forgotten your password?</a></p>
{{/SIGNED_OUT}}
{{>_foot}}
