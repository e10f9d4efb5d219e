{{!plain text, nothing is escaped}}
Hello,

{{#BY_PERSON}}
somebody, most likely you, asked for a new password at {{SITE_NAME}}.
{{/BY_PERSON}}
{{#BY_ADMIN}}
an administrator of {{SITE_NAME}} sends you
a link with which you can choose a new password.
{{/BY_ADMIN}}

{{#ACCOUNT}}
To choose a new password for {{ADDRESS}}{{#NAMED}} (account {{ACCOUNT_ID}}){{/NAMED}},
open this link:

{{LINK}}

{{/ACCOUNT}}
A link works once, within {{#LIFE}}{{>_wait}}{{/LIFE}} of this mail:
until {{ENDS}}.

If it was not you: nothing was changed, and without this mail nobody can
change it. To end the link and to get no more such mails for a day, open

{{NOT_ME_LINK}}

{{SITE_NAME}}
{{BASE_URL}}
{{#BY_PERSON}}Asked for{{/BY_PERSON}}{{#BY_ADMIN}}Sent{{/BY_ADMIN}} on {{WHEN}}{{#HAS_PEER}} from the network address {{PEER}}{{/HAS_PEER}}{{#NO_PEER}}{{#BY_PERSON}} from an unknown network address{{/BY_PERSON}}{{/NO_PEER}}
