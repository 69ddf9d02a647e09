//! Stories of publications: written, interrupted, grown, read, forged, mirrored.

mod faults;
mod growth;
mod reading;
mod testbed;
