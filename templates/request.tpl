{{%AUTOESCAPE context="HTML"}}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{>_error}}Reset your password · {{SITE_NAME}}</title>
{{>_head}}
{{>_notice}}
<h1>Reset your password</h1>
<p>Enter the email address{{#BY_LOGIN}} or the user name{{/BY_LOGIN}} of your account. We will send a mail with a link to choose a new password.</p>
{{>_trouble}}
<form method="post" action="{{BASE}}/reset_password_request" novalidate>
<input type="hidden" name="csrf_token" value="{{CSRF}}">
<input type="hidden" name="once" value="{{ONCE}}">
<p class="field">
<label for="email">Email address{{#BY_LOGIN}} or user name{{/BY_LOGIN}}</label>
{{#E_ADDRESS}}
<span class="wrong" id="email-wrong"><span class="unseen">Error: </span>{{#BY_ADDRESS}}This is not a full email address. It looks like name@example.org.{{/BY_ADDRESS}}{{#BY_LOGIN}}This is neither an email address nor a user name.{{/BY_LOGIN}}</span>
{{/E_ADDRESS}}
<input id="email" name="email" type="text" inputmode="{{#BY_ADDRESS}}email{{/BY_ADDRESS}}{{#BY_LOGIN}}text{{/BY_LOGIN}}" value="{{ADDRESS}}" autocomplete="username" autocapitalize="none" spellcheck="false" required{{#E_ADDRESS}} aria-invalid="true" aria-describedby="email-wrong" autofocus{{/E_ADDRESS}}>
</p>
<button type="submit">Send the mail</button>
</form>
{{#HAS_LOGIN}}
<p class="aside"><a href="{{BASE}}/login">Back to sign in</a></p>
{{/HAS_LOGIN}}
{{>_foot}}
