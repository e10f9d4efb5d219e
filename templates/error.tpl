{{%AUTOESCAPE context="HTML"}}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Error: {{>_status}} · {{SITE_NAME}}</title>
{{>_head}}
<h1>{{>_status}}</h1>
{{#S_400}}
<p>It did not arrive as our page sent it, so nothing was changed. Please start again.</p>
{{/S_400}}
{{#S_403}}
<p>To protect you, we accept forms from our own pages only, so nothing was changed. Please start again.</p>
{{/S_403}}
{{#S_404}}
<p>The address may be mistyped, or cut short on its way. If it was a link in a mail, try to copy the whole of it into the address bar.</p>
{{/S_404}}
{{#S_405}}
<p>It was called in an unusual way, so nothing was changed. Please start again.</p>
{{/S_405}}
{{#S_411}}
<p>Your browser did not say how much it would send, so nothing was changed. Please start again.</p>
{{/S_411}}
{{#S_413}}
<p>The form held far more than it has fields for, so nothing was changed. Please start again with shorter entries.</p>
{{/S_413}}
{{#S_415}}
<p>Nothing was changed. Please start again and send the form from our page.</p>
{{/S_415}}
{{#S_429}}
<p>Please wait {{>_wait}}, then try again. Nothing was changed.</p>
{{/S_429}}
{{#S_500}}
<p>The fault is on our side. Please try again in a moment.</p>
{{/S_500}}
{{#S_503}}
<p>The fault is on our side and nothing was changed. Please try again in a moment.</p>
{{/S_503}}
{{#S_UNSURE}}
<p>The fault is on our side, and we cannot see whether your new password was stored. In a moment, try to sign in with it. If that fails, open the link from the mail again.</p>
{{/S_UNSURE}}
{{#S_FORM_EXPIRED}}
<p>The form had been open too long, or your browser kept our cookie away. Cookies must be allowed for this site. Nothing was changed: open the link from the mail again, or start again.</p>
{{/S_FORM_EXPIRED}}
<p><a class="button" href="{{BASE}}/reset_password_request">Start again</a></p>
{{>_foot}}
