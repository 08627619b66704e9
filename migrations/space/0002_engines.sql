ALTER TABLE `incidents` ADD `idempotency_key` text;--> statement-breakpoint
CREATE UNIQUE INDEX `incidents_key` ON `incidents` (`idempotency_key`) WHERE idempotency_key is not null;--> statement-breakpoint
ALTER TABLE `leases` ADD `state` text DEFAULT 'held' NOT NULL;--> statement-breakpoint
ALTER TABLE `leases` ADD `attempts` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `runs_external_open` ON `runs` (`id`) WHERE mode = 'external' and ended_at is null;