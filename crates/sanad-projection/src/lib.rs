//! sanad-projection
