//! sanad-codec
