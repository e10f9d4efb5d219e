{{!plain text, nothing is escaped}}
Your password for {{SITE_NAME}} was changed
