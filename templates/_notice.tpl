{{#NOTICE}}
{{#N_CHECK_MAIL}}
<div class="notice" role="status" tabindex="-1" autofocus>
<p><strong>Check your mail.</strong> If we know that address{{#BY_LOGIN}} or name{{/BY_LOGIN}}, a mail with a link is on its way. It should be there within a minute; if not, look in the spam folder too.</p>
</div>
{{/N_CHECK_MAIL}}
{{#N_LINK_BAD}}
<div class="notice bad" role="alert" tabindex="-1" autofocus>
<p><strong>This link does not work.</strong> It may have been used already, or cut short on its way. <a href="{{BASE}}/reset_password_request">Ask for a new link</a></p>
</div>
{{/N_LINK_BAD}}
{{#N_LINK_EXPIRED}}
<div class="notice bad" role="alert" tabindex="-1" autofocus>
<p><strong>This link is too old.</strong> To keep your account safe, a link works for a short time only. <a href="{{BASE}}/reset_password_request">Ask for a new link</a></p>
</div>
{{/N_LINK_EXPIRED}}
{{#N_PASSWORD_CHANGED}}
<div class="notice good" role="status" tabindex="-1" autofocus>
<p><strong>Your password is changed.</strong> Sign in with the new one now.{{#HAS_LOGIN}} Here, all other devices are signed out.{{/HAS_LOGIN}}</p>
</div>
{{/N_PASSWORD_CHANGED}}
{{#N_SIGNED_OUT}}
<div class="notice good" role="status" tabindex="-1" autofocus>
<p><strong>You are signed out.</strong></p>
</div>
{{/N_SIGNED_OUT}}
{{#N_SIGNED_IN}}
<div class="notice good" role="status" tabindex="-1" autofocus>
<p><strong>You are signed in already.</strong> To choose a new password by mail, sign out first.</p>
</div>
{{/N_SIGNED_IN}}
{{#N_NOT_ME}}
<div class="notice good" role="status" tabindex="-1" autofocus>
<p><strong>Thank you.</strong> The links no longer work, and for one day we mail no more of them. If you need a new password before that, ask whoever runs this site.</p>
</div>
{{/N_NOT_ME}}
{{/NOTICE}}
