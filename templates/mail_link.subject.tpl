{{!plain text, nothing is escaped}}
Reset your password for {{SITE_NAME}}
