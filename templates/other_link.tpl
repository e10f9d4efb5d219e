{{%AUTOESCAPE context="HTML"}}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Error: Another link was opened · {{SITE_NAME}}</title>
{{>_head}}
<h1>Another link was opened</h1>
<p>Another link to choose a password was opened in this browser in the meantime. To be safe, nothing was changed.</p>
<p><strong>Open the link in the mail again</strong> and choose the password there.</p>
<p class="aside"><a href="{{BASE}}/reset_password_request">Ask for a new link</a></p>
{{>_foot}}
