{{%AUTOESCAPE context="HTML"}}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Reset your password for {{SITE_NAME}}</title>
{{>_mail_head}}
<h1 style="margin:0 0 12px;font-size:24px;line-height:1.25;font-weight:600;">Reset your password</h1>
<p style="margin:0 0 24px;">{{#BY_PERSON}}Somebody, most likely you, asked for a new password at {{SITE_NAME}}.{{/BY_PERSON}}{{#BY_ADMIN}}An administrator of {{SITE_NAME}} sends you a link with which you can choose a new password.{{/BY_ADMIN}}</p>
{{#ACCOUNT}}
<p style="margin:0 0 16px;">To choose a new password for <strong>{{ADDRESS}}</strong>{{#NAMED}} (account <strong>{{ACCOUNT_ID}}</strong>){{/NAMED}}:</p>
<table role="presentation" cellspacing="0" cellpadding="0" border="0" style="margin:0 0 16px;">
<tr><td class="button" style="background:#1d55a5;border-radius:8px;"><a class="button" href="{{LINK}}" style="display:inline-block;padding:13px 24px;background:#1d55a5;border-radius:8px;color:#ffffff;font-weight:600;text-decoration:none;">Choose a new password</a></td></tr>
</table>
<p class="quiet" style="margin:0 0 4px;color:#52606f;font-size:14px;">Or copy this into the address bar of your browser:</p>
<p style="margin:0 0 28px;font-size:13px;line-height:1.45;word-break:break-all;"><a class="link" href="{{LINK}}" style="color:#1d55a5;">{{LINK}}</a></p>
{{/ACCOUNT}}
<p style="margin:0 0 16px;">A link works once, within {{#LIFE}}{{>_wait}}{{/LIFE}} of this mail: until {{ENDS}}.</p>
<p style="margin:0 0 28px;"><strong>If it was not you,</strong> nothing was changed, and without this mail nobody can change it. To end the link and to get no more such mails for a day: <a class="link" href="{{NOT_ME_LINK}}" style="color:#1d55a5;">this was not me</a>.</p>
<p class="quiet line" style="margin:0;padding-top:20px;border-top:1px solid #d5dce3;color:#52606f;font-size:13px;">{{#BY_PERSON}}Asked for{{/BY_PERSON}}{{#BY_ADMIN}}Sent{{/BY_ADMIN}} at <a class="quiet" href="{{BASE_URL}}" style="color:#52606f;">{{BASE_URL}}</a> on {{WHEN}}{{#HAS_PEER}} from the network address {{PEER}}{{/HAS_PEER}}{{#NO_PEER}}{{#BY_PERSON}} from an unknown network address{{/BY_PERSON}}{{/NO_PEER}}</p>
{{>_mail_foot}}
