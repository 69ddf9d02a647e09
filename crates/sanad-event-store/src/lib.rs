//! sanad-event-store
