{{!plain text, nothing is escaped}}
Hello,

the password of {{ADDRESS}} at {{SITE_NAME}}
was changed on {{WHEN}}.

If it was you, there is nothing more to do: sign in with the new password.

If it was not you, somebody else may be able to read your mail. First
change the password of your mailbox. Then choose a new password here:

{{REQUEST_URL}}

{{SITE_NAME}}
{{BASE_URL}}
Changed{{#HAS_PEER}} from the network address {{PEER}}{{/HAS_PEER}}{{#NO_PEER}} from an unknown network address{{/NO_PEER}}
