//! `[mcp]`: who may use the endpoint for agents.

use std::collections::BTreeSet;

use secrecy::SecretString;

use super::form::{self, Formed};
use super::raw::Raw;
use super::reader::SettingsReader;

/// Characters of the shortest token. 16 random letters and digits can't be guessed over a network.
const TOKEN_CHARS_MIN: usize = 16;
/// Characters of the longest name.
const NAME_CHARS_MAX: usize = 64;

/// `[mcp]`.
#[derive(Debug, Clone)]
pub struct Mcp {
    /// Bearer tokens, all valid. The endpoint is off without any.
    pub tokens: Vec<McpToken>,
}

/// A bearer token.
#[derive(Debug, Clone)]
pub struct McpToken {
    /// Who holds it, for the audit; unique.
    pub name: String,
    /// The token; unique.
    pub token: SecretString,
}

impl Mcp {
    pub(super) fn read(reader: &mut SettingsReader) -> Self {
        Self { tokens: reader.secret("mcp.tokens", tokens).unwrap_or_default() }
    }
}

fn tokens(raw: &Raw) -> Formed<Vec<McpToken>> {
    let (mut names, mut secrets, mut tokens) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (number, text) in (1..).zip(form::texts(raw)?) {
        let (name, token) = text
            .split_once(':')
            .ok_or_else(|| format!("a name, a colon and a token for each; number {number} has no colon"))?;
        let is_name = (1..=NAME_CHARS_MAX).contains(&name.len())
            && name
                .bytes()
                .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_' | b'.'));
        if !is_name {
            return Err(format!(
                "a name, a colon and a token for each; the name of number {number} must be letters, digits, \
                 -, _ and ., at most {NAME_CHARS_MAX}"
            ));
        }
        if token.len() < TOKEN_CHARS_MIN || !is_token(token) {
            return Err(format!(
                "a name, a colon and a token for each; the token of number {number} must be at least \
                 {TOKEN_CHARS_MIN} letters, digits, -, ., _, ~, + and /, as `openssl rand -hex 32` prints"
            ));
        }
        if !names.insert(name.to_owned()) {
            return Err(format!(
                "tokens whose names differ, so that the audit says who asked; number {number} has the name of \
                 an earlier one"
            ));
        }
        if !secrets.insert(token.to_owned()) {
            return Err(format!(
                "tokens that differ, so that the audit says who asked; number {number} repeats an earlier one"
            ));
        }
        tokens.push(McpToken { name: name.to_owned(), token: token.to_owned().into() });
    }
    Ok(tokens)
}

/// The characters of a bearer token, as RFC 6750 allows them.
fn is_token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    !body.is_empty()
        && body.bytes().all(|letter| {
            letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
        })
}
