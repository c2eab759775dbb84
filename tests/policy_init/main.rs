//! `policy init`.
