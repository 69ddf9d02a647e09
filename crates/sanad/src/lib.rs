//! sanad
