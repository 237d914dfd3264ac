//! The names of the settings' variables.

/// The section of the workspaces.
pub(super) const WORKSPACES: &str = "recall.workspace";
/// The section of the routes.
pub(super) const ROUTES: &str = "alerts.route";

/// The key of a workspace's name, which a variable contains in its own name.
pub(super) const NAME: &str = "name";

/// The suffix of a variable that names a file.
const FILE_SUFFIX: &str = "_FILE";

/// Returns the variable of a setting: section and key joined by `_`, in upper case.
pub(super) fn variable_of(section: &str, key: &str) -> String {
    format!("{section}_{key}").replace('.', "_").to_uppercase()
}

/// Returns the variable that names a file with the value.
pub(super) fn file_variable(variable: &str) -> String {
    format!("{variable}{FILE_SUFFIX}")
}

/// Returns the variable whose value a file contains, or the name unchanged.
pub(super) fn without_file_suffix(variable: &str) -> &str {
    variable.strip_suffix(FILE_SUFFIX).unwrap_or(variable)
}

/// Returns the variable of a setting in a repeated section, as the settings page writes it.
pub(super) fn pattern(section: &str, key: &str) -> Option<String> {
    let placeholder = placeholder(section);
    match (section, key) {
        (WORKSPACES, NAME) => None,
        (WORKSPACES | ROUTES, _) => Some(format!("{}{placeholder}_{}", prefix(section), key.to_uppercase())),
        _ => None,
    }
}

/// Returns the prefix of a section's variables.
pub(super) fn prefix(section: &str) -> String {
    variable_of(section, "")
}

/// Returns the placeholder for the name or the number of an entry.
pub(super) fn placeholder(section: &str) -> &'static str {
    if section == WORKSPACES { "<NAME>" } else { "<NUMBER>" }
}
