-- MyISAM, as boards have it that were first installed when that was the database's own choice.
CREATE TABLE phpbb_users (
  user_id int(10) unsigned NOT NULL AUTO_INCREMENT,
  user_type tinyint(2) NOT NULL DEFAULT 0,
  group_id mediumint(8) unsigned NOT NULL DEFAULT 3,
  user_permissions mediumtext NOT NULL,
  user_ip varchar(40) NOT NULL DEFAULT '',
  user_regdate int(11) unsigned NOT NULL DEFAULT 0,
  username varchar(255) NOT NULL DEFAULT '',
  username_clean varchar(255) NOT NULL DEFAULT '',
  user_password varchar(255) NOT NULL DEFAULT '',
  user_passchg int(11) unsigned NOT NULL DEFAULT 0,
  user_email varchar(100) NOT NULL DEFAULT '',
  user_lastvisit int(11) unsigned NOT NULL DEFAULT 0,
  user_login_attempts tinyint(4) NOT NULL DEFAULT 0,
  user_actkey varchar(32) NOT NULL DEFAULT '',
  user_newpasswd varchar(255) NOT NULL DEFAULT '',
  user_form_salt varchar(32) NOT NULL DEFAULT '',
  reset_token varchar(64) NOT NULL DEFAULT '',
  reset_token_expiration int(11) unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (user_id), UNIQUE KEY username_clean (username_clean), KEY user_type (user_type), KEY user_email (user_email)
) ENGINE=MyISAM DEFAULT CHARSET=utf8 COLLATE=utf8_bin;
CREATE TABLE phpbb_sessions (
  session_id char(32) NOT NULL DEFAULT '',
  session_user_id int(10) unsigned NOT NULL DEFAULT 0,
  session_last_visit int(11) unsigned NOT NULL DEFAULT 0,
  session_autologin tinyint(1) unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (session_id), KEY session_user_id (session_user_id)
) ENGINE=MyISAM DEFAULT CHARSET=utf8 COLLATE=utf8_bin;
CREATE TABLE phpbb_sessions_keys (
  key_id char(32) NOT NULL DEFAULT '',
  user_id int(10) unsigned NOT NULL DEFAULT 0,
  last_ip varchar(40) NOT NULL DEFAULT '',
  last_login int(11) unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (key_id, user_id)
) ENGINE=MyISAM DEFAULT CHARSET=utf8 COLLATE=utf8_bin;
INSERT INTO phpbb_users (user_id, user_type, user_permissions, username, username_clean, user_password, user_email,
                         user_login_attempts, reset_token, reset_token_expiration) VALUES
  (1, 2, '', 'Anonymous', 'anonymous', '', '', 0, '', 0),
  (5, 3, '', 'Ann', 'ann', @old_hash, 'ann@example.org', 3, 'a token', 1900000000),
  (6, 0, '', 'Ben', 'ben', @old_hash, 'ben@example.org', 3, 'a token', 1900000000),
  (7, 1, '', 'Cas', 'cas', @old_hash, 'cas@example.org', 0, '', 0);
INSERT INTO phpbb_sessions (session_id, session_user_id) VALUES ('s0', 1), ('s1', 5), ('s2', 6);
INSERT INTO phpbb_sessions_keys (key_id, user_id) VALUES ('k1', 5), ('k2', 6);
