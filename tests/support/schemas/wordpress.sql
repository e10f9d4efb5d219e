CREATE TABLE wp_users (
  ID bigint(20) unsigned NOT NULL auto_increment,
  user_login varchar(60) NOT NULL default '',
  user_pass varchar(255) NOT NULL default '',
  user_nicename varchar(50) NOT NULL default '',
  user_email varchar(100) NOT NULL default '',
  user_url varchar(100) NOT NULL default '',
  user_registered datetime NOT NULL default '0000-00-00 00:00:00',
  user_activation_key varchar(255) NOT NULL default '',
  user_status int(11) NOT NULL default '0',
  display_name varchar(250) NOT NULL default '',
  PRIMARY KEY (ID), KEY user_login_key (user_login), KEY user_nicename (user_nicename), KEY user_email (user_email)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
CREATE TABLE wp_usermeta (
  umeta_id bigint(20) unsigned NOT NULL auto_increment,
  user_id bigint(20) unsigned NOT NULL default '0',
  meta_key varchar(255) default NULL,
  meta_value longtext,
  PRIMARY KEY (umeta_id), KEY user_id (user_id), KEY meta_key (meta_key(191))
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
INSERT INTO wp_users (ID, user_login, user_pass, user_email, user_activation_key, user_status) VALUES
  (5, 'Ann', @old_hash, 'ann@example.org', '1700000000:$P$Babcdefgh', 0),
  (6, 'Ben', @old_hash, 'ben@example.org', '1700000000:$P$Babcdefgh', 0),
  (7, 'Cas', @old_hash, 'cas@example.org', '', 2);
INSERT INTO wp_usermeta VALUES
  (1, 5, 'wp_capabilities', 'a:1:{s:13:"administrator";b:1;}'),
  (2, 5, 'session_tokens', 'a:1:{s:64:"0000";a:0:{}}'),
  (3, 6, 'session_tokens', 'a:1:{s:64:"0000";a:0:{}}'),
  (4, 5, 'nickname', 'session_tokens');
