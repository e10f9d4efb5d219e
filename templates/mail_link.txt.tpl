{{!plain text, nothing is escaped}}
Hello,

somebody, most likely you, asked for a new password at {{SITE_NAME}}.

{{#ACCOUNT}}
To choose a new password for {{ADDRESS}}{{#NAMED}} (account {{ACCOUNT_ID}}){{/NAMED}},
open this link:

{{LINK}}

{{/ACCOUNT}}
A link works once, within {{#LIFE}}{{>_wait}}{{/LIFE}} of this mail.

If it was not you, you need not do anything: nothing was changed, and
without this mail nobody can change it.

{{SITE_NAME}}
{{BASE_URL}}
Asked for on {{WHEN}} from {{PEER}}
