-- Mailboxes: one of a person with a chat, one of a person with nothing else; and two chats of one person.

INSERT INTO person (number, name, locale, zone, created_at) VALUES
    (5, '', 'en', 'UTC', 1767599990000000);
INSERT INTO account (channel, user_id, person) VALUES
    ('email', 'ann@example.org', 1),
    ('email', 'bob@example.org', 5),
    ('telegram', '77', 4);
INSERT INTO destination (number, channel, address, kind, title, owner, cadence, zone, quiet, style, paused, created_at, failures, last_message) VALUES
    (15, 'email', 'ann@example.org', 'mailbox', '', 1, 'daily 08:00', 'UTC', '', 'auto', '', 1767599990000000, 0, ''),
    (16, 'email', 'bob@example.org', 'mailbox', '', 5, 'daily 08:00', 'UTC', '', 'auto', '', 1767599990000000, 0, '');
