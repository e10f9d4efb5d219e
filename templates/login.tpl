{{%AUTOESCAPE context="HTML"}}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{>_error}}Sign in · {{SITE_NAME}}</title>
{{>_head}}
{{>_notice}}
<h1>Sign in</h1>
{{>_trouble}}
<form method="post" action="{{BASE}}/login" novalidate>
<input type="hidden" name="csrf_token" value="{{CSRF}}">
{{#E_LOGIN}}
<p class="wrong" id="login-wrong"><span class="unseen">Error: </span>The address{{#BY_LOGIN}}, the user name{{/BY_LOGIN}} or the password is not right.</p>
{{/E_LOGIN}}
<p class="field">
<label for="email">Email address{{#BY_LOGIN}} or user name{{/BY_LOGIN}}</label>
<input id="email" name="email" type="text" inputmode="{{#BY_ADDRESS}}email{{/BY_ADDRESS}}{{#BY_LOGIN}}text{{/BY_LOGIN}}" value="{{ADDRESS}}" autocomplete="username" autocapitalize="none" spellcheck="false" required{{#E_LOGIN}} aria-invalid="true" aria-describedby="login-wrong"{{/E_LOGIN}}>
</p>
<p class="field">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required{{#E_LOGIN}} aria-invalid="true" aria-describedby="login-wrong" autofocus{{/E_LOGIN}}>
</p>
<button type="submit">Sign in</button>
</form>
<p class="aside"><a href="{{BASE}}/reset_password_request">Forgotten your password?</a></p>
{{>_foot}}
