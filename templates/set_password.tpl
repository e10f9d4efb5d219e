{{%AUTOESCAPE context="HTML"}}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{>_error}}Choose a new password · {{SITE_NAME}}</title>
{{>_head}}
{{>_notice}}
<h1>Choose a new password</h1>
<p>New password for <strong>{{ADDRESS}}</strong></p>
{{>_trouble}}
<form method="post" action="{{BASE}}/reset_password" novalidate>
<input type="hidden" name="csrf_token" value="{{CSRF}}">
<input type="hidden" name="link" value="{{LINK}}">
<input class="unseen" type="text" name="username" value="{{ADDRESS}}" autocomplete="username" readonly tabindex="-1" aria-hidden="true">
<p class="field">
<label for="password">New password</label>
<span class="hint" id="password-hint">At least {{MIN_LENGTH}} characters. A few words that do not belong together are easy to remember and hard to guess.</span>
<span id="password-wrong">
{{#E_TOO_SHORT}}
<span class="wrong"><span class="unseen">Error: </span>This is too short. Use at least {{MIN_LENGTH}} characters.</span>
{{/E_TOO_SHORT}}
{{#E_TOO_LONG}}
<span class="wrong"><span class="unseen">Error: </span>This is too long. Use at most {{MAX_BYTES}} characters; an accented letter counts as two and an emoji as four or more.</span>
{{/E_TOO_LONG}}
{{#E_NUL}}
<span class="wrong"><span class="unseen">Error: </span>This holds a character that cannot be part of a password. Please type it anew.</span>
{{/E_NUL}}
{{#E_GUESSABLE}}
<span class="wrong"><span class="unseen">Error: </span>This is too easy to guess: it is common, or close to something common. Add a word or two that nobody would expect.</span>
{{/E_GUESSABLE}}
{{#E_CURRENT}}
<span class="wrong"><span class="unseen">Error: </span>This is the password you have already. Choose another.</span>
{{/E_CURRENT}}
</span>
<input id="password" name="password" type="password" autocomplete="new-password" passwordrules="minlength: {{MIN_LENGTH}};" required aria-describedby="password-wrong password2-wrong password-hint"{{>_password_wrong}}>
</p>
<p class="field">
<label for="password2">The same once more</label>
{{#E_DIFFERENT}}
<span class="wrong" id="password2-wrong"><span class="unseen">Error: </span>The two were not the same. Type the new password twice.</span>
{{/E_DIFFERENT}}
<input id="password2" name="password2" type="password" autocomplete="new-password" passwordrules="minlength: {{MIN_LENGTH}};" required{{#E_DIFFERENT}} aria-invalid="true" aria-describedby="password2-wrong"{{/E_DIFFERENT}}>
</p>
<button type="submit">Change the password</button>
</form>
{{#HAS_LOGIN}}
<p class="aside">You will be signed out here on all devices.</p>
{{/HAS_LOGIN}}
{{>_foot}}
