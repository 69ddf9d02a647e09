//! Stories of publications: written, interrupted, grown, read, forged, mirrored.

mod faults;
mod growth;
mod hostile;
mod mirroring;
mod reading;
mod testbed;
