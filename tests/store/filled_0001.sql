-- A database of revision 0001 as a few minutes of use left it. Times are microseconds since 1970 UTC.

INSERT INTO batch (source, part, day, state, new, crossed, replaced, ids_hash, ids_known, evidence, changed_at) VALUES
    ('arxiv', 'cs.CL', '2026-01-05', 'expected', 0, 0, 0, '', TRUE, '{"views":{},"late":[]}', 1767599990000000);
UPDATE counter SET value = 18 WHERE name = 'content';
UPDATE counter SET value = 10 WHERE name = 'fan_out';
UPDATE counter SET value = 11 WHERE name = 'paper';
UPDATE counter SET value = 4 WHERE name = 'query';
INSERT INTO delivery (due_at, settled_at, destination, paper, occasion, state, attempts) VALUES
    (1767599990000000, 1767599990000000, 1, 1, 0, 1, 0),
    (1767600000000000, 1767600050000000, 2, 1, 0, 1, 0),
    (1767600050000000, NULL, 3, 2, 0, 0, 0),
    (1767600050000000, 1767600050000000, 1, 2, 0, 2, 0),
    (1767600110000000, 1767600110000000, 4, 3, 10050, 1, 0),
    (1767600170000000, NULL, 1, 4, 0, 0, 0);
INSERT INTO lease (name, owner, until) VALUES
    ('send telegram', 'gone', 1767600230000000);
INSERT INTO "match" (seen_at, query, paper, occasion, quiet) VALUES
    (1767599990000000, 1, 1, 0, FALSE),
    (1767599990000000, 2, 1, 0, FALSE),
    (1767600050000000, 1, 2, 0, FALSE),
    (1767600050000000, 3, 2, 0, FALSE),
    (1767600110000000, 4, 3, 10050, FALSE),
    (1767600170000000, 1, 1, 2, FALSE),
    (1767600170000000, 1, 4, 0, FALSE),
    (1767600170000000, 2, 1, 2, FALSE);
INSERT INTO pace (service, next_at, closed_until) VALUES
    ('export.arxiv.org', 1767600000000000, NULL);
INSERT INTO paper (number, id, source, title, abstract, authors, categories, published, updated, announced, version, comment, doi, journal_ref, url, code_url, licence, withdrawn, seen_at, upvotes, title_shown, abstract_shown) VALUES
    (1, '2601.13905', 'arxiv', 'Diffusion models', 'New words of an abstract.', '["Ada Ashe","Jörg Müller"]', '["cs.CL"]', NULL, NULL, '2026-01-05', 2, '', '', '', '', '', '', FALSE, 1767599990000000, NULL, 'Diffusion models', 'New words of an abstract.'),
    (2, '2601.14556', 'arxiv', 'Diffusion of heat', 'Heat diffuses.', '["Ada Ashe"]', '["cs.CL"]', NULL, NULL, '2026-01-05', 1, '', '', '', '', '', '', FALSE, 1767600050000000, NULL, 'Diffusion of heat', 'Heat diffuses.'),
    (3, '2601.22882', 'arxiv', 'Large language models', '', '["Cy Cole"]', '["cs.CL"]', NULL, NULL, '2026-01-05', 1, '', '', '', '', '', '', FALSE, 1767600110000000, 60, 'Large language models', ''),
    (4, '2601.14173', 'arxiv', 'Latent diffusion', '', '["Dee Dunn"]', '["cs.CL"]', NULL, NULL, '2026-01-05', 1, '', '', '', '', '', '', FALSE, 1767600170000000, NULL, 'Latent diffusion', ''),
    (5, '2601.18822', 'arxiv', 'Diffusion on graphs', 'Nobody has looked at this one.', '["Fay Frost"]', '["cs.CL"]', NULL, NULL, '2026-01-05', 1, '', '', '', '', '', '', FALSE, 1767600170000000, NULL, 'Diffusion on graphs', 'Nobody has looked at this one.');
INSERT INTO person (number, name, locale, zone, created_at) VALUES
    (1, '', 'en', 'UTC', 1767599990000000),
    (2, '', 'en', 'UTC', 1767599990000000),
    (3, '', 'en', 'UTC', 1767599990000000),
    (4, 'Cleo', 'de', 'Europe/Berlin', 1767599990000000);
INSERT INTO query (number, key, text, dumped, upvotes, seq, in_use) VALUES
    (1, '151014a3ae7fe440df23dcf42f6fa94b', 'diffusion', x'3135313031346133616537666534343064663233646366343266366661393462321d3a646966667573696f6e1d0a5b22646966667573696f6e222c6e756c6c2c5b22576f726473222c22222c22646966667573696f6e222c66616c73652c66616c73655d5d', NULL, 1, TRUE),
    (2, 'eee75c8cb76c72d1f4dabd8d6616ee4e', 'diffusion models', x'6565653735633863623736633732643166346461626438643636313665653465321d3a646966667573696f6e1f3a6d6f64656c1d0a5b22646966667573696f6e206d6f64656c73222c6e756c6c2c5b2226222c22222c5b22576f726473222c22222c22646966667573696f6e222c66616c73652c66616c73655d2c5b22576f726473222c22222c226d6f64656c73222c66616c73652c66616c73655d5d5d', NULL, 2, TRUE),
    (3, '5a2a0ed9aa3ab7d82b53e8209b13bf59', 'heat', x'3561326130656439616133616237643832623533653832303962313362663539321d3a686561741d0a5b2268656174222c6e756c6c2c5b22576f726473222c22222c2268656174222c66616c73652c66616c73655d5d', NULL, 3, TRUE),
    (4, 'be83436c30a5f7d926e4a3bf5f281263', 'cat:cs.CL "large language models" upvotes>=50', x'6265383334333663333061356637643932366534613362663566323831323633321d3a6c61726765206c616e6775616765206d6f64656c1f6361743a63732e636c1d0a5b226361743a63732e434c205c226c61726765206c616e6775616765206d6f64656c735c22207570766f7465733e3d3530222c35302c5b2226222c22222c5b2243617465676f7279222c22636174222c2263732e434c222c66616c73652c66616c73655d2c5b22576f726473222c22222c226c61726765206c616e6775616765206d6f64656c73222c747275652c66616c73655d5d5d', 50, 4, TRUE);
INSERT INTO retired_token (token_hash, retired_at) VALUES
    ('hash of 1.1', 1767599990000000);
INSERT INTO setting (key, value) VALUES
    ('authority', 'papers.example.org'),
    ('words', '2');
INSERT INTO source_state (source, part, cursor, next_at, failures, ok_at, error, first_done) VALUES
    ('arxiv', 'all', '1', 1767600988262219, 0, 1767600170000000, '', TRUE);
INSERT INTO account (channel, user_id, person) VALUES
    ('discord', '77', 4),
    ('telegram', '1', 1),
    ('telegram', '2', 2),
    ('telegram', '3', 3);
INSERT INTO alias (alias, paper) VALUES
    ('arxiv:2601.13905', 1),
    ('arxiv:2601.14173', 4),
    ('arxiv:2601.14556', 2),
    ('arxiv:2601.18822', 5),
    ('arxiv:2601.22882', 3),
    ('title:18113aca9db0feb4fb536402', 5),
    ('title:22a4a642d99d75ca4f52ccbf', 3),
    ('title:24aa00d0affb59412a6c6eb6', 4),
    ('title:b3c3df842f841f7c779b4626', 2),
    ('title:cbf1853a6af0127940aa43f9', 1);
INSERT INTO destination (number, channel, address, kind, title, owner, cadence, zone, quiet, style, paused, created_at, next_due_at, leased_until, lease_owner, hold_until, failures, last_message) VALUES
    (1, 'telegram', '1', 'private', '', 1, 'instant', 'UTC', '', 'auto', '', 1767599990000000, 1767600170000000, NULL, NULL, NULL, 2, 'm1'),
    (2, 'telegram', '2', 'private', '', 2, 'instant', 'Europe/Berlin', '22:00-07:00', 'auto', '', 1767599990000000, NULL, NULL, NULL, NULL, 0, 'm1'),
    (3, 'telegram', '3', 'private', '', 3, 'instant', 'UTC', '', 'auto', 'closed: bot was blocked by the user', 1767599990000000, NULL, NULL, NULL, NULL, 0, ''),
    (4, 'telegram', '-100/7', 'topic', 'Reading group', 4, 'instant', 'UTC', '', 'list', '', 1767599990000000, NULL, NULL, NULL, NULL, 0, 'm1');
INSERT INTO event (number, paper, kind, source, mark, version, day, quiet, seen_at, score_from, score_to, told_at, late, matched_at) VALUES
    (1, 1, 1, 'arxiv', 0, 1, '2026-01-05', FALSE, 1767599990000000, NULL, NULL, NULL, FALSE, 1767599990000000),
    (2, 2, 1, 'arxiv', 0, 1, '2026-01-05', FALSE, 1767600050000000, NULL, NULL, NULL, FALSE, 1767600050000000),
    (3, 3, 1, 'arxiv', 0, 1, '2026-01-05', FALSE, 1767600110000000, NULL, NULL, NULL, FALSE, 1767600110000000),
    (4, 3, 6, 'arxiv', 60, 1, '2026-01-05', FALSE, 1767600110000000, 0, 60, NULL, FALSE, 1767600110000000),
    (5, 4, 1, 'arxiv', 0, 1, '2026-01-05', FALSE, 1767600170000000, NULL, NULL, NULL, FALSE, 1767600170000000),
    (6, 1, 3, 'arxiv', 2, 2, '2026-01-05', FALSE, 1767600170000000, NULL, NULL, NULL, FALSE, 1767600170000000),
    (7, 5, 1, 'arxiv', 0, 1, '2026-01-05', FALSE, 1767600170000000, NULL, NULL, NULL, FALSE, NULL);
INSERT INTO revision (paper, version, until, title, abstract, authors, comment) VALUES
    (1, 1, 1767600170000000, 'Diffusion models', 'Words of an abstract.', '["Ada Ashe","Jörg Müller"]', '');
INSERT INTO saved (person, paper, saved_at) VALUES
    (1, 1, 1767600170000000);
INSERT INTO score (paper, at, upvotes) VALUES
    (3, 1767600110000000, 60);
INSERT INTO subscription (number, person, query, text, name, occasions, cadence, mention, paused, began_at, deleted_at) VALUES
    (1, 1, 1, 'diffusion', 'Diffusion', 1, '', '', FALSE, 1767599990000000, NULL),
    (2, 2, 2, 'diffusion models', '', 1, 'daily 09:00', '', FALSE, 1767599990000000, NULL),
    (3, 3, 3, 'heat', '', 1, '', '', FALSE, 1767599990000000, NULL),
    (4, 4, 4, 'cat:cs.CL "large language models" upvotes>=50', '', 3, '', '', FALSE, 1767599990000000, NULL);
INSERT INTO feed (number, person, subscription, generation, token_hash, created_at) VALUES
    (1, 4, NULL, 2, 'hash of 1.2', 1767599990000000);
INSERT INTO mute (number, destination, kind, value, created_at) VALUES
    (1, 1, 'author', 'bo birch', 1767599990000000);
INSERT INTO subscription_destination (destination, subscription, query, began_at, wants, next_slot_at) VALUES
    (1, 1, 1, 1767599990000000, 9, NULL),
    (2, 2, 2, 1767599990000000, 9, 1767686400000000),
    (3, 3, 3, 1767599990000000, 9, NULL),
    (4, 4, 4, 1767599990000000, 11, NULL);
INSERT INTO watch (paper, destination, person, since) VALUES
    (1, 1, 1, 1767600170000000);
