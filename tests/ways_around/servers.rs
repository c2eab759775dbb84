//! The local servers satisfy the real SDK, and refuse what AWS refuses.
