packages/ui/src/ui.ts
