//! sanad-audit-log
