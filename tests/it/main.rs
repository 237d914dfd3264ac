//! The integration tests, as one binary.

mod catalogue;
mod corpus;
mod recall;
mod settings;
mod world;
