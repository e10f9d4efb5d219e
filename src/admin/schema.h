// schema.h -- the SQL that a database administrator runs once
//
// Our tables and what the two database users may do, column by column: the least that the
// programs need for this site's mapping. Every statement may be repeated. For MySQL 5.7 and later, MariaDB 10.5 and later.

#pragma once

#include <string>

#include "accounts/sql.h"
#include "config/config.h"

namespace latchkey::admin {

// mapping: of settings.site.
std::string SchemaSql(const config::Admin& settings, const accounts::Mapping& mapping);

// The same, and what brings tables of an earlier version to this one: missing columns and keys. Limits:
// a column whose type changed stays as it is; a column that is added to a table of ours needs a DEFAULT.
std::string UpgradeSql(const config::Admin& settings, const accounts::Mapping& mapping);

}  // namespace latchkey::admin
