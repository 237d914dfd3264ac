//! The content of a message, and Discord's requests that carry it.

use serenity::builder::{
    CreateActionRow, CreateAllowedMentions, CreateEmbed, CreateInteractionResponseFollowup, CreateMessage,
    EditMessage, EditWebhookMessage,
};

/// The content of a message, however it is sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Body {
    /// The text above the embeds.
    pub content: String,
    /// The embeds below the text.
    pub embeds: Vec<CreateEmbed>,
    /// The buttons below the embeds. An edit without any removes them.
    pub components: Vec<CreateActionRow>,
    /// The people and roles that are notified.
    pub allowed_mentions: CreateAllowedMentions,
}

impl Body {
    /// Returns a request for a new message in a channel or thread.
    pub fn message(&self) -> CreateMessage {
        CreateMessage::new()
            .content(&self.content)
            .embeds(self.embeds.clone())
            .components(self.components.clone())
            .allowed_mentions(self.allowed_mentions.clone())
    }

    /// Returns a request for a new message through an interaction.
    pub fn follow_up(&self) -> CreateInteractionResponseFollowup {
        CreateInteractionResponseFollowup::new()
            .content(&self.content)
            .embeds(self.embeds.clone())
            .components(self.components.clone())
            .allowed_mentions(self.allowed_mentions.clone())
    }

    /// Returns a request for an edit in a channel or thread.
    pub fn edit(&self) -> EditMessage {
        EditMessage::new()
            .content(&self.content)
            .embeds(self.embeds.clone())
            .components(self.components.clone())
            .allowed_mentions(self.allowed_mentions.clone())
    }

    /// Returns a request for an edit through an interaction, of its first answer or of a later one.
    /// serenity's follow-up would also work. However, it contains an empty list of attachments, with which
    /// Discord removes the existing ones.
    pub fn edit_through_interaction(&self) -> EditWebhookMessage {
        EditWebhookMessage::new()
            .content(&self.content)
            .embeds(self.embeds.clone())
            .components(self.components.clone())
            .allowed_mentions(self.allowed_mentions.clone())
    }
}
