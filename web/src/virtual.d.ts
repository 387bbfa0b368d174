/** Made by vite.config.ts. */
declare module 'virtual:report.css'
declare module '*.css'
