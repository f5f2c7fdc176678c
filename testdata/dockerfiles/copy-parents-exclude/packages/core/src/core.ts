packages/core/src/core.ts
