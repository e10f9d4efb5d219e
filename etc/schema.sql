-- Printed by `latchkey schema`; every statement may be repeated.

CREATE DATABASE IF NOT EXISTS `latchkey`;

-- Mail waiting to be sent; times are UTC. state: waiting, failed, abandoned,
-- no_account, muted; what has ended did so at due_at.
CREATE TABLE IF NOT EXISTS `latchkey`.`outbox` (
  note_id BINARY(16) NOT NULL PRIMARY KEY,
  kind VARCHAR(16) CHARACTER SET ascii NOT NULL,
  address VARBINARY(320) NOT NULL,
  account_id VARBINARY(64) NOT NULL,
  peer VARBINARY(45) NOT NULL,
  muted TINYINT NOT NULL DEFAULT 0,
  state VARCHAR(16) CHARACTER SET ascii NOT NULL DEFAULT 'waiting',
  tries INT UNSIGNED NOT NULL DEFAULT 0,
  dropped_at DATETIME(6) NOT NULL,
  due_at DATETIME(6) NOT NULL,
  lease_owner BINARY(16) NULL,
  lease_until DATETIME(6) NULL,
  reason VARBINARY(250) NOT NULL DEFAULT '',
  languages VARBINARY(200) NOT NULL DEFAULT '',
  KEY due (state, due_at),
  KEY owned (lease_owner)
) ENGINE=InnoDB;

-- How many notes ended, by how.
CREATE TABLE IF NOT EXISTS `latchkey`.`outbox_ends` (
  name VARCHAR(16) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  count BIGINT UNSIGNED NOT NULL DEFAULT 0
) ENGINE=InnoDB;

-- Accounts whose links were revoked: those issued until not_before (seconds since 1970).
CREATE TABLE IF NOT EXISTS `latchkey`.`account_state` (
  account_id VARBINARY(64) NOT NULL PRIMARY KEY,
  not_before BIGINT NOT NULL DEFAULT 0,
  mute_until DATETIME(6) NOT NULL DEFAULT '1970-01-01'
) ENGINE=InnoDB;

-- A user that is made here is locked until you choose its password and write the same
-- into the file that the configuration names:
--   ALTER USER `latchkey_web`@'localhost' IDENTIFIED BY '...' ACCOUNT UNLOCK;
--   ALTER USER `latchkey_mailer`@'localhost' IDENTIFIED BY '...' ACCOUNT UNLOCK;
CREATE USER IF NOT EXISTS `latchkey_web`@'localhost' ACCOUNT LOCK;
CREATE USER IF NOT EXISTS `latchkey_mailer`@'localhost' ACCOUNT LOCK;

-- latchkey-web: finds an account, replaces its hash, drops a note, counts notes.
GRANT SELECT (`id`, `email`, `password_hash`), UPDATE (`password_hash`) ON `site`.`users` TO `latchkey_web`@'localhost';
GRANT INSERT, SELECT (`state`, `dropped_at`) ON `latchkey`.`outbox` TO `latchkey_web`@'localhost';
GRANT SELECT ON `latchkey`.`outbox_ends` TO `latchkey_web`@'localhost';
GRANT SELECT, INSERT, UPDATE ON `latchkey`.`account_state` TO `latchkey_web`@'localhost';

-- latchkey-mailer: finds an account, works the outbox; writes no account.
GRANT SELECT (`id`, `email`, `password_hash`) ON `site`.`users` TO `latchkey_mailer`@'localhost';
GRANT SELECT, UPDATE, DELETE ON `latchkey`.`outbox` TO `latchkey_mailer`@'localhost';
GRANT SELECT, INSERT, UPDATE ON `latchkey`.`outbox_ends` TO `latchkey_mailer`@'localhost';
GRANT SELECT ON `latchkey`.`account_state` TO `latchkey_mailer`@'localhost';
