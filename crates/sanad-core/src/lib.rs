//! sanad-core
