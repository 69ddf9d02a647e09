//! The rules of the house, as a test: who may import whom, what lies where, how files look.

mod layers;
mod links;
mod source_files;
mod top_level;
