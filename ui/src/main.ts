import { mount } from 'svelte';
import App from './app/App.svelte';
import { chooseBackend } from '$lib/ipc/choose';
import { applyKeptTheme } from '$lib/ui/theme';
import '$lib/ui/tokens.css';
import '$lib/ui/base.css';

applyKeptTheme();
const target = document.getElementById('app');
if (target) void chooseBackend().then((backend) => mount(App, { target, props: { backend } }));
