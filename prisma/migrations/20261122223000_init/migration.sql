-- CreateTable
CREATE TABLE `User` (
    `id` VARCHAR(36) NOT NULL,
    `email` VARCHAR(190) NOT NULL,
    `name` VARCHAR(190) NOT NULL,
    `emailVerified` BOOLEAN NOT NULL DEFAULT false,
    `image` VARCHAR(500) NULL,
    `role` VARCHAR(16) NOT NULL DEFAULT 'viewer',
    `disabledAt` DATETIME(3) NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updatedAt` DATETIME(3) NOT NULL,

    UNIQUE INDEX `User_email_key`(`email`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Session` (
    `id` VARCHAR(36) NOT NULL,
    `token` VARCHAR(190) NOT NULL,
    `expiresAt` DATETIME(3) NOT NULL,
    `ipAddress` VARCHAR(64) NULL,
    `userAgent` VARCHAR(500) NULL,
    `userId` VARCHAR(36) NOT NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updatedAt` DATETIME(3) NOT NULL,

    UNIQUE INDEX `Session_token_key`(`token`),
    INDEX `Session_userId_idx`(`userId`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Account` (
    `id` VARCHAR(36) NOT NULL,
    `accountId` VARCHAR(190) NOT NULL,
    `providerId` VARCHAR(64) NOT NULL,
    `userId` VARCHAR(36) NOT NULL,
    `accessToken` TEXT NULL,
    `refreshToken` TEXT NULL,
    `idToken` TEXT NULL,
    `accessTokenExpiresAt` DATETIME(3) NULL,
    `refreshTokenExpiresAt` DATETIME(3) NULL,
    `scope` VARCHAR(500) NULL,
    `password` VARCHAR(500) NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updatedAt` DATETIME(3) NOT NULL,

    INDEX `Account_userId_idx`(`userId`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Verification` (
    `id` VARCHAR(36) NOT NULL,
    `identifier` VARCHAR(190) NOT NULL,
    `value` TEXT NOT NULL,
    `expiresAt` DATETIME(3) NOT NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updatedAt` DATETIME(3) NOT NULL,

    INDEX `Verification_identifier_idx`(`identifier`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `ApiToken` (
    `id` VARCHAR(36) NOT NULL,
    `name` VARCHAR(190) NOT NULL,
    `tokenHash` VARCHAR(64) NOT NULL,
    `role` VARCHAR(16) NOT NULL,
    `userId` VARCHAR(36) NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `lastUsedAt` DATETIME(3) NULL,
    `revokedAt` DATETIME(3) NULL,

    UNIQUE INDEX `ApiToken_tokenHash_key`(`tokenHash`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Stream` (
    `id` VARCHAR(36) NOT NULL,
    `name` VARCHAR(63) NOT NULL,
    `fields` JSON NOT NULL,
    `eventTime` VARCHAR(128) NOT NULL,
    `partitions` INTEGER NOT NULL DEFAULT 1,
    `partitionBy` VARCHAR(128) NULL,
    `source` JSON NOT NULL,
    `note` TEXT NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `createdBy` VARCHAR(190) NOT NULL,

    UNIQUE INDEX `Stream_name_key`(`name`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `View` (
    `id` VARCHAR(36) NOT NULL,
    `name` VARCHAR(63) NOT NULL,
    `streamId` VARCHAR(36) NOT NULL,
    `latestVersion` INTEGER NOT NULL DEFAULT 0,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `createdBy` VARCHAR(190) NOT NULL,

    UNIQUE INDEX `View_name_key`(`name`),
    INDEX `View_streamId_idx`(`streamId`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `ViewVersion` (
    `id` VARCHAR(36) NOT NULL,
    `viewId` VARCHAR(36) NOT NULL,
    `version` INTEGER NOT NULL,
    `sql` MEDIUMTEXT NOT NULL,
    `definition` JSON NOT NULL,
    `definitionHash` VARCHAR(64) NOT NULL,
    `featureTypes` JSON NOT NULL,
    `note` TEXT NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `createdBy` VARCHAR(190) NOT NULL,

    UNIQUE INDEX `ViewVersion_viewId_version_key`(`viewId`, `version`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Job` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `viewId` VARCHAR(36) NOT NULL,
    `version` INTEGER NOT NULL,
    `releaseId` INTEGER NULL,
    `desired` VARCHAR(16) NOT NULL DEFAULT 'RUNNING',
    `generation` INTEGER NOT NULL DEFAULT 1,
    `parallelism` INTEGER NOT NULL DEFAULT 1,
    `startFrom` JSON NOT NULL,
    `observed` VARCHAR(16) NOT NULL DEFAULT 'STOPPED',
    `observedAt` DATETIME(3) NULL,
    `observedReason` TEXT NULL,
    `observedGeneration` INTEGER NOT NULL DEFAULT 0,
    `pid` INTEGER NULL,
    `run` INTEGER NOT NULL DEFAULT 0,
    `restarts` INTEGER NOT NULL DEFAULT 0,
    `epoch` INTEGER NOT NULL DEFAULT 0,
    `metrics` JSON NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `startedAt` DATETIME(3) NULL,
    `stoppedAt` DATETIME(3) NULL,

    INDEX `Job_viewId_idx`(`viewId`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `JobRun` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `jobId` INTEGER NOT NULL,
    `run` INTEGER NOT NULL,
    `pid` INTEGER NULL,
    `startedAt` DATETIME(3) NOT NULL,
    `runningAt` DATETIME(3) NULL,
    `endedAt` DATETIME(3) NULL,
    `restoredFrom` VARCHAR(500) NULL,
    `restoredKind` VARCHAR(16) NULL,
    `restoredCheckpointId` INTEGER NULL,
    `restoredSavepointId` INTEGER NULL,
    `outcome` VARCHAR(32) NULL,
    `message` TEXT NULL,

    UNIQUE INDEX `JobRun_jobId_run_key`(`jobId`, `run`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `JobException` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `jobId` INTEGER NOT NULL,
    `run` INTEGER NOT NULL,
    `code` VARCHAR(64) NOT NULL,
    `message` TEXT NOT NULL,
    `stack` TEXT NULL,
    `firstAt` DATETIME(3) NOT NULL,
    `lastAt` DATETIME(3) NOT NULL,
    `count` INTEGER NOT NULL DEFAULT 1,

    INDEX `JobException_jobId_lastAt_idx`(`jobId`, `lastAt`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Authority` (
    `viewId` VARCHAR(36) NOT NULL,
    `jobId` INTEGER NULL,
    `epoch` INTEGER NOT NULL DEFAULT 0,
    `version` INTEGER NOT NULL DEFAULT 0,
    `updatedAt` DATETIME(3) NOT NULL,

    PRIMARY KEY (`viewId`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Lease` (
    `name` VARCHAR(190) NOT NULL,
    `holder` VARCHAR(190) NOT NULL,
    `epoch` INTEGER NOT NULL DEFAULT 0,
    `expiresAt` DATETIME(3) NOT NULL,

    PRIMARY KEY (`name`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `EngineInstance` (
    `id` VARCHAR(36) NOT NULL,
    `pid` INTEGER NOT NULL,
    `version` VARCHAR(32) NOT NULL,
    `address` VARCHAR(190) NOT NULL,
    `startedAt` DATETIME(3) NOT NULL,
    `heartbeatAt` DATETIME(3) NOT NULL,
    `stoppedAt` DATETIME(3) NULL,

    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Checkpoint` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `jobId` INTEGER NOT NULL,
    `run` INTEGER NOT NULL,
    `number` INTEGER NOT NULL,
    `kind` VARCHAR(16) NOT NULL,
    `status` VARCHAR(16) NOT NULL,
    `triggeredAt` DATETIME(3) NOT NULL,
    `completedAt` DATETIME(3) NULL,
    `durationMs` DOUBLE NULL,
    `checkpointedBytes` BIGINT NOT NULL DEFAULT 0,
    `fullBytes` BIGINT NOT NULL DEFAULT 0,
    `processedBytes` BIGINT NOT NULL DEFAULT 0,
    `positions` JSON NOT NULL,
    `maxEventTimeMs` DOUBLE NULL,
    `watermarkMs` DOUBLE NULL,
    `path` VARCHAR(500) NULL,
    `discardedAt` DATETIME(3) NULL,
    `failureReason` VARCHAR(32) NULL,
    `failureMessage` TEXT NULL,

    UNIQUE INDEX `Checkpoint_jobId_run_number_key`(`jobId`, `run`, `number`),
    INDEX `Checkpoint_jobId_triggeredAt_idx`(`jobId`, `triggeredAt`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `CheckpointSubtask` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `checkpointId` INTEGER NOT NULL,
    `operator` VARCHAR(64) NOT NULL,
    `subtask` INTEGER NOT NULL,
    `acknowledgedAt` DATETIME(3) NULL,
    `startDelayMs` DOUBLE NOT NULL,
    `alignmentMs` DOUBLE NOT NULL,
    `syncMs` DOUBLE NOT NULL,
    `asyncMs` DOUBLE NOT NULL,
    `endToEndMs` DOUBLE NOT NULL,
    `checkpointedBytes` BIGINT NOT NULL,
    `fullBytes` BIGINT NOT NULL,
    `processedBytes` BIGINT NOT NULL,

    INDEX `CheckpointSubtask_checkpointId_idx`(`checkpointId`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Savepoint` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `jobId` INTEGER NOT NULL,
    `viewId` VARCHAR(36) NOT NULL,
    `version` INTEGER NOT NULL,
    `name` VARCHAR(190) NOT NULL,
    `note` TEXT NULL,
    `status` VARCHAR(16) NOT NULL,
    `path` VARCHAR(500) NULL,
    `sizeBytes` BIGINT NOT NULL DEFAULT 0,
    `formatVersion` INTEGER NOT NULL DEFAULT 1,
    `featureIds` JSON NULL,
    `positions` JSON NULL,
    `maxEventTimeMs` DOUBLE NULL,
    `watermarkMs` DOUBLE NULL,
    `pinned` BOOLEAN NOT NULL DEFAULT false,
    `pinnedReason` VARCHAR(500) NULL,
    `failureMessage` TEXT NULL,
    `requestId` VARCHAR(36) NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `createdBy` VARCHAR(190) NOT NULL,
    `completedAt` DATETIME(3) NULL,
    `disposedAt` DATETIME(3) NULL,
    `disposedBy` VARCHAR(190) NULL,

    INDEX `Savepoint_viewId_createdAt_idx`(`viewId`, `createdAt`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Release` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `viewId` VARCHAR(36) NOT NULL,
    `kind` VARCHAR(24) NOT NULL,
    `fromVersion` INTEGER NULL,
    `toVersion` INTEGER NOT NULL,
    `state` VARCHAR(16) NOT NULL,
    `stateSince` DATETIME(3) NOT NULL,
    `generation` INTEGER NOT NULL DEFAULT 1,
    `request` JSON NOT NULL,
    `job1Id` INTEGER NULL,
    `job2Id` INTEGER NULL,
    `failure` TEXT NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `createdBy` VARCHAR(190) NOT NULL,
    `endedAt` DATETIME(3) NULL,

    INDEX `Release_viewId_createdAt_idx`(`viewId`, `createdAt`),
    INDEX `Release_state_idx`(`state`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `ReleaseFact` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `releaseId` INTEGER NOT NULL,
    `generation` INTEGER NOT NULL,
    `at` DATETIME(3) NOT NULL,
    `kind` VARCHAR(48) NOT NULL,
    `payload` JSON NOT NULL,

    INDEX `ReleaseFact_releaseId_id_idx`(`releaseId`, `id`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Parameter` (
    `key` VARCHAR(64) NOT NULL,
    `scope` VARCHAR(120) NOT NULL,
    `value` JSON NOT NULL,
    `updatedAt` DATETIME(3) NOT NULL,
    `updatedBy` VARCHAR(190) NOT NULL,

    PRIMARY KEY (`key`, `scope`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `Audit` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `actor` VARCHAR(190) NOT NULL,
    `via` VARCHAR(16) NOT NULL,
    `action` VARCHAR(64) NOT NULL,
    `targetType` VARCHAR(32) NOT NULL,
    `targetId` VARCHAR(190) NOT NULL,
    `before` JSON NULL,
    `after` JSON NULL,
    `address` VARCHAR(64) NULL,

    INDEX `Audit_at_idx`(`at`),
    INDEX `Audit_targetType_targetId_idx`(`targetType`, `targetId`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `GuideStep` (
    `actorId` VARCHAR(64) NOT NULL,
    `step` VARCHAR(16) NOT NULL,
    `at` DATETIME(3) NOT NULL,

    PRIMARY KEY (`actorId`, `step`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `DeadLetter` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `streamId` VARCHAR(36) NOT NULL,
    `jobId` INTEGER NULL,
    `partition` INTEGER NULL,
    `offset` BIGINT NULL,
    `dedupKey` VARCHAR(120) NOT NULL,
    `code` VARCHAR(64) NOT NULL,
    `message` TEXT NOT NULL,
    `raw` TEXT NOT NULL,
    `late` BOOLEAN NOT NULL DEFAULT false,
    `receivedAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),

    UNIQUE INDEX `DeadLetter_dedupKey_key`(`dedupKey`),
    INDEX `DeadLetter_streamId_receivedAt_idx`(`streamId`, `receivedAt`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- AddForeignKey
ALTER TABLE `Session` ADD CONSTRAINT `Session_userId_fkey` FOREIGN KEY (`userId`) REFERENCES `User`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `Account` ADD CONSTRAINT `Account_userId_fkey` FOREIGN KEY (`userId`) REFERENCES `User`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `View` ADD CONSTRAINT `View_streamId_fkey` FOREIGN KEY (`streamId`) REFERENCES `Stream`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `ViewVersion` ADD CONSTRAINT `ViewVersion_viewId_fkey` FOREIGN KEY (`viewId`) REFERENCES `View`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `Job` ADD CONSTRAINT `Job_viewId_fkey` FOREIGN KEY (`viewId`) REFERENCES `View`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `JobRun` ADD CONSTRAINT `JobRun_jobId_fkey` FOREIGN KEY (`jobId`) REFERENCES `Job`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `JobException` ADD CONSTRAINT `JobException_jobId_fkey` FOREIGN KEY (`jobId`) REFERENCES `Job`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `Authority` ADD CONSTRAINT `Authority_viewId_fkey` FOREIGN KEY (`viewId`) REFERENCES `View`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `Checkpoint` ADD CONSTRAINT `Checkpoint_jobId_fkey` FOREIGN KEY (`jobId`) REFERENCES `Job`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `CheckpointSubtask` ADD CONSTRAINT `CheckpointSubtask_checkpointId_fkey` FOREIGN KEY (`checkpointId`) REFERENCES `Checkpoint`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `Release` ADD CONSTRAINT `Release_viewId_fkey` FOREIGN KEY (`viewId`) REFERENCES `View`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `ReleaseFact` ADD CONSTRAINT `ReleaseFact_releaseId_fkey` FOREIGN KEY (`releaseId`) REFERENCES `Release`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `DeadLetter` ADD CONSTRAINT `DeadLetter_streamId_fkey` FOREIGN KEY (`streamId`) REFERENCES `Stream`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
