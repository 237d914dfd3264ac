//! What the variables of settings are called.

/// The workspaces.
pub(super) const WORKSPACES: &str = "recall.workspace";
/// The routes.
pub(super) const ROUTES: &str = "alerts.route";

/// Names a workspace; a variable says it by its own name.
pub(super) const NAME: &str = "name";

/// Ends the name of a variable that names a file.
const FILE_SUFFIX: &str = "_FILE";

/// The variable of a setting: section and key joined by `_`, upper case.
pub(super) fn variable_of(section: &str, key: &str) -> String {
    format!("{section}_{key}").replace('.', "_").to_uppercase()
}

/// The variable that names a file with the value.
pub(super) fn file_variable(variable: &str) -> String {
    format!("{variable}{FILE_SUFFIX}")
}

/// The variable whose value a file holds, or the name as it is.
pub(super) fn without_file_suffix(variable: &str) -> &str {
    variable.strip_suffix(FILE_SUFFIX).unwrap_or(variable)
}

/// How the variable of a setting in a repeated section is written on the page of the settings.
pub(super) fn pattern(section: &str, key: &str) -> Option<String> {
    let placeholder = placeholder(section);
    match (section, key) {
        (WORKSPACES, NAME) => None,
        (WORKSPACES | ROUTES, _) => Some(format!("{}{placeholder}_{}", prefix(section), key.to_uppercase())),
        _ => None,
    }
}

/// What the variables of a section begin with.
pub(super) fn prefix(section: &str) -> String {
    variable_of(section, "")
}

/// Stands for the name or the number of an entry.
pub(super) fn placeholder(section: &str) -> &'static str {
    if section == WORKSPACES { "<NAME>" } else { "<NUMBER>" }
}
