{{%AUTOESCAPE context="HTML"}}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Your password for {{SITE_NAME}} was changed</title>
{{>_mail_head}}
<h1 style="margin:0 0 12px;font-size:24px;line-height:1.25;font-weight:600;">Your password was changed</h1>
<p style="margin:0 0 24px;">The password of <strong>{{ADDRESS}}</strong> at {{SITE_NAME}} was changed on {{WHEN}}.</p>
<p style="margin:0 0 24px;"><strong>If it was you,</strong> there is nothing more to do: sign in with the new password.</p>
<p style="margin:0 0 16px;"><strong>If it was not you,</strong> somebody else may be able to read your mail. First change the password of your mailbox. Then choose a new password here:</p>
<table role="presentation" cellspacing="0" cellpadding="0" border="0" style="margin:0 0 16px;">
<tr><td class="button" style="background:#1d55a5;border-radius:8px;"><a class="button" href="{{REQUEST_URL}}" style="display:inline-block;padding:13px 24px;background:#1d55a5;border-radius:8px;color:#ffffff;font-weight:600;text-decoration:none;">Reset the password</a></td></tr>
</table>
<p style="margin:0 0 28px;font-size:13px;line-height:1.45;word-break:break-all;"><a class="link" href="{{REQUEST_URL}}" style="color:#1d55a5;">{{REQUEST_URL}}</a></p>
<p class="quiet line" style="margin:0;padding-top:20px;border-top:1px solid #d5dce3;color:#52606f;font-size:13px;">Changed at <a class="quiet" href="{{BASE_URL}}" style="color:#52606f;">{{BASE_URL}}</a>{{#HAS_PEER}} from the network address {{PEER}}{{/HAS_PEER}}{{#NO_PEER}} from an unknown network address{{/NO_PEER}}</p>
{{>_mail_foot}}
