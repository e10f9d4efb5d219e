{{%AUTOESCAPE context="HTML"}}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{>_error}}This was not me · {{SITE_NAME}}</title>
{{>_head}}
{{>_notice}}
<h1>This was not me</h1>
<p>Somebody asked for a new password for <strong>{{ADDRESS}}</strong>, and it was not you. Nothing was changed, and nobody got in.</p>
<p>With this button the links that were mailed stop working, other devices are signed out here, and for one day we send no more links to this address.</p>
{{>_trouble}}
<form method="post" action="{{BASE}}/not_me" novalidate>
<input type="hidden" name="csrf_token" value="{{CSRF}}">
<input type="hidden" name="link" value="{{LINK}}">
<button type="submit">End the links and stop the mails</button>
</form>
<p class="aside">You can also close this page: without the mail nobody can use its link.</p>
{{>_foot}}
