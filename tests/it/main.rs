//! Tests through the public surface.

mod settings;
