CREATE TABLE user (
  user_id INT UNSIGNED AUTO_INCREMENT NOT NULL,
  user_name VARBINARY(255) DEFAULT '' NOT NULL,
  user_real_name VARBINARY(255) DEFAULT '' NOT NULL,
  user_password TINYBLOB NOT NULL,
  user_newpassword TINYBLOB NOT NULL,
  user_newpass_time BINARY(14) DEFAULT NULL,
  user_email TINYTEXT NOT NULL,
  user_touched BINARY(14) NOT NULL,
  user_token BINARY(32) DEFAULT '' NOT NULL,
  user_email_authenticated BINARY(14) DEFAULT NULL,
  user_email_token BINARY(32) DEFAULT NULL,
  user_email_token_expires BINARY(14) DEFAULT NULL,
  user_registration BINARY(14) DEFAULT NULL,
  user_editcount INT UNSIGNED DEFAULT NULL,
  user_password_expires VARBINARY(14) DEFAULT NULL,
  UNIQUE INDEX user_name (user_name), INDEX user_email_token (user_email_token),
  INDEX user_email (user_email(50)), PRIMARY KEY (user_id)
) ENGINE=InnoDB DEFAULT CHARSET=binary;
CREATE TABLE bot_passwords (
  bp_user INT UNSIGNED NOT NULL,
  bp_app_id VARBINARY(32) NOT NULL,
  bp_password TINYBLOB NOT NULL,
  bp_token BINARY(32) DEFAULT '' NOT NULL,
  bp_restrictions BLOB NOT NULL,
  bp_grants BLOB NOT NULL,
  PRIMARY KEY (bp_user, bp_app_id)
) ENGINE=InnoDB DEFAULT CHARSET=binary;
INSERT INTO user (user_id, user_name, user_password, user_newpassword, user_newpass_time, user_email, user_touched,
                  user_token, user_password_expires) VALUES
  (5, 'Ann', @old_hash, ':pbkdf2:temporary', '20200101000000', 'ann@example.org', '20200101000000',
   '0123456789abcdef0123456789abcdef', '20300101000000'),
  (6, 'Ben', @old_hash, ':pbkdf2:temporary', '20200101000000', 'ben@example.org', '20200101000000',
   '0123456789abcdef0123456789abcdef', '20300101000000'),
  (7, 'Maintenance script', '', '', NULL, 'cas@example.org', '20200101000000', '*** INVALID ***', NULL);
INSERT INTO bot_passwords VALUES (5, 'bot', ':pbkdf2:bot', REPEAT('a', 32), '{}', '[]'),
  (6, 'bot', ':pbkdf2:bot', REPEAT('a', 32), '{}', '[]');
