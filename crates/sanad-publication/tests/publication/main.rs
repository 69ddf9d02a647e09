//! Stories of publications: written, interrupted, grown, read, forged, mirrored.

mod faults;
mod growth;
mod hostile;
mod large;
mod mirroring;
mod reading;
mod testbed;
